"""Requests as the existing clients of the Open Inference Protocol build them.

Written after the clients' sources (see the design's list of what they demand): the same headers, the same
spelling of JSON, the same order of bytes. numpy stands in for their tensors.
"""

import gzip
import json
import struct
import zlib

import numpy

TYPES = {"FP64": "<f8", "FP32": "<f4", "FP16": "<f2", "INT8": "i1", "INT16": "<i2", "INT32": "<i4",
         "INT64": "<i8", "UINT8": "u1", "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8", "BOOL": "?"}
NAMES = {numpy.dtype(v): k for k, v in TYPES.items()}


def datatype(array):
    return NAMES[array.dtype]


class InferInput:
    """tritonclient.http.InferInput: binary unless told otherwise; NaN is spelt bare in JSON."""

    def __init__(self, name, array, binary_data=True):
        self.name, self.array, self.binary = name, numpy.ascontiguousarray(array), binary_data

    def raw(self):
        return self.array.tobytes() if self.binary else b""

    def tensor(self):
        tensor = {"name": self.name, "shape": list(self.array.shape), "datatype": datatype(self.array)}
        if self.binary:
            tensor["parameters"] = {"binary_data_size": self.array.nbytes}
        else:
            tensor["data"] = [value.item() for value in self.array.flatten()]
        return tensor


class InferRequestedOutput:
    def __init__(self, name, binary_data=True):
        self.name, self.binary = name, binary_data

    def tensor(self):
        return {"name": self.name, "parameters": {"binary_data": self.binary}}


def infer_body(inputs, outputs=None, request_id="", parameters=None, timeout=None,
               sequence_id=0, priority=0):
    """tritonclient.http._utils._get_inference_request: (body, length of the JSON or None)."""
    document = {}
    if request_id != "":
        document["id"] = request_id
    settings = {}
    if sequence_id not in (0, ""):
        settings.update(sequence_id=sequence_id, sequence_start=True, sequence_end=True)
    if priority:
        settings["priority"] = priority
    if timeout is not None:
        settings["timeout"] = timeout
    document["inputs"] = [tensor.tensor() for tensor in inputs]
    if outputs:
        document["outputs"] = [output.tensor() for output in outputs]
    else:
        settings["binary_data_output"] = True
    settings.update(parameters or {})
    if settings:
        document["parameters"] = settings
    head = json.dumps(document).encode()  # bare NaN, as tritonclient writes it
    raw = b"".join(tensor.raw() for tensor in inputs)
    return head + raw, len(head) if raw else None


def infer_headers(length, compression=None, accept=None):
    headers = {}
    if compression:
        headers["Content-Encoding"] = compression
    if accept:
        headers["Accept-Encoding"] = accept
    if length is not None:
        headers["Inference-Header-Content-Length"] = str(length)
    return headers


def compress(body, how):
    """tritonclient: gzip, and deflate in the zlib wrapper."""
    return {None: lambda b: b, "gzip": gzip.compress, "deflate": zlib.compress}[how](body)


class InferResult:
    """tritonclient.http.InferResult: finds the tensors of an answer. Stricter than the original."""

    def __init__(self, body, header_length=None, content_encoding=None):
        if content_encoding == "gzip":
            body = gzip.decompress(body)
        elif content_encoding == "deflate":
            body = zlib.decompress(body)
        else:
            assert content_encoding is None
        length = len(body) if header_length is None else int(header_length)
        self.response = json.loads(body[:length], parse_constant=self._refuse)
        assert set(self.response) <= {"model_name", "model_version", "id", "outputs", "parameters"}
        assert isinstance(self.response["model_version"], str)
        self.arrays, at = {}, length
        for output in self.response["outputs"]:
            assert set(output) <= {"name", "datatype", "shape", "parameters", "data"}, output
            if "parameters" in output:
                assert set(output["parameters"]) == {"binary_data_size"} and "data" not in output
                size = output["parameters"]["binary_data_size"]
                array = numpy.frombuffer(body[at:at + size], TYPES[output["datatype"]])
                at += size
            else:
                data = [float("nan") if value is None else value for value in output["data"]]
                assert not any(isinstance(value, list) for value in data), "data is flat"
                array = numpy.array(data, TYPES[output["datatype"]])
            self.arrays[output["name"]] = array.reshape(output["shape"])
        assert at == len(body), f"{len(body) - at} bytes behind the last tensor"

    @staticmethod
    def _refuse(word):
        raise AssertionError(f"{word} is not JSON")

    def as_numpy(self, name):
        return self.arrays[name]


def result(answer):
    """InferResult of a wire.Response."""
    assert answer.status == 200, answer
    length = answer.get("Inference-Header-Content-Length")
    return InferResult(answer.body, length, answer.get("Content-Encoding"))


def bytes_tensor(words):
    return b"".join(struct.pack("<I", len(word)) + word for word in words)
