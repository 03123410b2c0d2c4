foreach(variable README_FILE LICENSE_FILE)
  if(NOT EXISTS "${EXTENSION_${variable}}")
    message(FATAL_ERROR "EXTENSION_${variable} names no file: ${EXTENSION_${variable}}")
  endif()
endforeach()

# The description that a packaged extension carries: one "key value" a line.
file(WRITE "${CMAKE_BINARY_DIR}/${PROJECT_NAME}.s4ext"
  "depends ${EXTENSION_DEPENDS}\n"
  "homepage ${EXTENSION_HOMEPAGE}\n"
  "contributors ${EXTENSION_CONTRIBUTORS}\n"
  "category ${EXTENSION_CATEGORY}\n"
  "iconurl ${EXTENSION_ICONURL}\n"
  "description ${EXTENSION_DESCRIPTION}\n"
  "screenshoturls ${EXTENSION_SCREENSHOTURLS}\n"
  )
