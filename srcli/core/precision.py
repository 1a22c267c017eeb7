"""The names of what generators compute in."""

from __future__ import annotations

FULL, HALF, BRAIN, INTEGERS = "fp32", "fp16", "bf16", "int8"
"""32-bit floats; 16-bit floats with eleven significant bits, and with eight (bfloat16); 8-bit integers."""
PRECISIONS = (FULL, HALF, BRAIN, INTEGERS)
OF_FULL_FILE = (FULL, BRAIN)
"""What is computed with the weights of the full-precision file; the others have files of their own."""
AUTO = "auto"
"""Whatever suits the device: nothing that moves a pixel by more than a level."""
