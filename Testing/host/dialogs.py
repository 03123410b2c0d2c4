"""Dialogs that would wait for a user; here a `User` answers at once."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtWidgets import QMessageBox

from .user import Message, User


class MessageBox(QMessageBox):
    """Stands for `ctkMessageBox`, which `slicer.util` shows, and for `QMessageBox`."""

    user: ClassVar[User]

    def exec_(self) -> int:
        buttons = {button.text().replace("&", ""): button for button in self.buttons()}
        buttons.pop(self.tr("Show Details..."), None)
        escape = self.escapeButton() or self.button(QMessageBox.Cancel) or self.button(QMessageBox.No)
        escape = escape or self.button(QMessageBox.Close) or self.buttons()[-1]
        answer = self.user.press(tuple(buttons), escape.text().replace("&", ""), self.text())
        details = "\n".join(filter(None, (self.informativeText(), self.detailedText())))
        self.user.messages.append(
            Message(self.icon().name, self.windowTitle().strip(), self.text(), details, tuple(buttons), answer)
        )
        self.show()
        buttons[answer].click()
        return self.standardButton(buttons[answer]) or self.result()

    exec = exec_


class FileDialog:
    """Stands for PythonQt's `QFileDialog`, whose functions return a path, not a path and a filter."""

    user: ClassVar[User]

    @classmethod
    def getExistingDirectory(cls, _parent: Any = None, caption: str = "", *_: Any) -> str:
        return cls.user.pick(caption)

    getOpenFileName = getSaveFileName = getExistingDirectory
