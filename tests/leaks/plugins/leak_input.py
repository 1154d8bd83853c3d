from astrolabe_plugin import conversion

history = []


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def leak_input(a, b):
    "A sum; keeps what it was given."
    history.append(a)
    return a + b
