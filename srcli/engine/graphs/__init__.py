"""ONNX files read and written: operators, sizes and memory, told from the graph without running it."""
