"""Generators of other tools as ONNX: ncnn networks, and the models inside installed packages."""
