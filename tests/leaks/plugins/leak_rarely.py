from astrolabe_plugin import conversion

calls = 0
seen = []


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def leak_rarely(a, b):
    "A sum; every hundredth call keeps a string."
    global calls
    calls += 1
    if calls % 100 == 0:
        seen.append(f"call {calls}")
    return a + b
