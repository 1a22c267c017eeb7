"""Videos larger: frames go the way that pictures go; time, sound and all else stay as they were."""
