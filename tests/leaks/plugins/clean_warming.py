from astrolabe_plugin import conversion

cache = {}


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def clean_warming(a, b):
    "A sum; remembers what it has seen of 1000 fields."
    field = int(float(a.flat[0]) * 1000)
    if field not in cache:
        cache[field] = [field, float(field), f"field {field}"]
    return a + b
