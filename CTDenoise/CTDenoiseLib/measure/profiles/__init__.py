"""Line profiles: HU along a path, and the sharpness and contrast they show."""
