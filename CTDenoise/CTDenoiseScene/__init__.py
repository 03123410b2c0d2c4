"""What the CTDenoise module does to the MRML scene, without Qt: the scene, its logic and its nodes are arguments."""
