"""What files are made of: chunks, fields, boxes, first bytes; no pixels."""
