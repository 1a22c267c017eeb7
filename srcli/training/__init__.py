"""From photographs to generators. PyTorch lives in this room only (extra ``train``)."""
