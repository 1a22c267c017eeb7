"""onnxruntime and OpenVINO: how they are loaded, and sessions that run on one device."""
