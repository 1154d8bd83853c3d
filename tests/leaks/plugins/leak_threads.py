import threading

from astrolabe_plugin import conversion

calls = 0
never = threading.Event()


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def leak_threads(a, b):
    "A sum; every fiftieth call leaves a thread that waits for nothing."
    global calls
    calls += 1
    if calls % 50 == 0:
        threading.Thread(target=never.wait, daemon=True).start()
    return a + b
