"""A server that runs for months keeps its size: threads share what memory they free."""

import ctypes
import subprocess
import sys

import pytest

COUNT = """
import ctypes, sys, threading
from instance.commands import serving
if "shared" in sys.argv:
    serving.share_one_heap()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
together = threading.Barrier(8)
def take():
    together.wait()
    for _ in range(100):
        libc.malloc(ctypes.c_size_t(4_000))
    together.wait()
threads = [threading.Thread(target=take) for _ in range(8)]
for one in threads:
    one.start()
for one in threads:
    one.join()
file = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


def heaps(*arguments):
    run = (sys.executable, "-c", COUNT, *arguments)
    said = subprocess.run(run, capture_output=True, check=True, text=True)
    return said.stdout.count("<heap ")


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_info"), reason="this C library has one heap"
)
def test_all_threads_of_a_server_share_one_heap():
    assert heaps() > 1, "this test sees nothing"
    assert heaps("shared") == 1
