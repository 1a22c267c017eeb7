"""ONNX Runtime: providers, sessions, tile geometry and the tiled run."""
