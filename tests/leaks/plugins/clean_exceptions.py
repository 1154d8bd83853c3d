from astrolabe_plugin import Invalid, conversion

calls = 0


class Problem(Exception):
    def __init__(self, where):
        super().__init__(where)
        self.where = where


def difficult(a):
    here = [a]
    try:
        raise Problem(here)
    except Problem as problem:
        raise ValueError(f"there was a problem with {len(problem.where)}") from problem


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def clean_exceptions(a, b):
    "A sum; exceptions are raised and caught on the way, and now and then one gets out."
    global calls
    calls += 1
    try:
        difficult(a)
    except ValueError as error:
        kept = error
        error.myself = kept
    if calls % 10 == 0:
        raise Invalid("no sum this time", field="a")
    return a + b
