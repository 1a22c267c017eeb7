"""Methods side by side for the eye: a sheet of crops, or a page to look around in."""
