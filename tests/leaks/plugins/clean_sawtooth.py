from astrolabe_plugin import conversion

buffer = []


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def clean_sawtooth(a, b):
    "A sum; collects lines and drops them every thousand calls."
    buffer.append(f"{float(a.flat[0])} and some text that goes with it")
    if len(buffer) >= 1000:
        buffer.clear()
    return a + b
