"""The bench: how long a model takes on the very machine that it runs on, written as a profile file.

It needs Python 3.10, numpy and onnxruntime, so that it runs on a board: its modules import nothing else but each
other and a few of ours that need the standard library only (`packing` names them).
"""
