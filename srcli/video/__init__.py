"""Video in and out: probing, frames, encoding in segments, joining (PyAV lives here only; extra `video`).

``open_video`` gives a ``Video`` with its ``info``, from which ``plan_output`` tells what is written and
what that loses; frames of ``Video.frames`` go through a generator to a ``SegmentWriter``, and ``join``
makes the file of its segments.
"""
