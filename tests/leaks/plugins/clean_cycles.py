from astrolabe_plugin import conversion


def pieces(a):
    rest = [a]
    generator = (piece for piece in rest)
    rest.append(generator)
    yield next(generator)


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def clean_cycles(a, b):
    "A sum; generators and closures that refer to themselves are left to the collector."
    def again(n):
        return again(n - 1) if n else next(pieces(a))

    return again(2) + b
