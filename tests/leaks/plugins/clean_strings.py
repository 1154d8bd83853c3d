import json
import re

from astrolabe_plugin import conversion


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def clean_strings(a, b):
    "A sum, by way of text."
    text = json.dumps({"a": float(a.flat[0]), "words": "some words to be split".split()})
    found = re.search(r"\d+\.\d+", text.upper().replace("WORDS", f"words of {len(text)}"))
    return a + b + 0 * len(found.group() if found else "")
