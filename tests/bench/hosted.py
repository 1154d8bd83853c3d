"""Sections of tests/bench/run about plugins: what a hop to a plugin host costs, beside Python services."""

from support import HERE, astrolabed, budget, header, load, oip_body, row, uvicorn, wrk

ONE = b'{"ra":10.684793,"dec":41.269065}'
BOTH_CORES = "0,1"


def served(hosts, cores="0"):
    return astrolabed("--plugins-directory", str(HERE / "plugins"), "--plugins-hosts", str(hosts), cores=cores)


def path(name):
    return f"/v1/convert/{name}"


def plugins():
    """Latency of one connection, and throughput of 64."""
    header("E. plugins: one connection; server and one host on one core")
    with served(1) as peer:
        kernel = load(peer, path("radec_to_xyz"), ONE, connections=1)
        row("a C kernel", kernel)
        noop = load(peer, path("bench_noop"), ONE, connections=1)
        row("a plugin that does nothing", noop)
        row("a plugin with the NumPy formula", load(peer, path("bench_alone"), ONE, connections=1))
    added = noop["p50_us"] - kernel["p50_us"]
    print(f"  added by the plugin host: {added:.1f} us")
    budget("E added p50 of a no-op plugin call, everything on one core, us", added, 25, least=False)
    with served(1, BOTH_CORES) as peer:
        kernel = load(peer, path("radec_to_xyz"), ONE, connections=1)
        noop = load(peer, path("bench_noop"), ONE, connections=1)
        print(f"  the same on both cores, beside the load: {noop['p50_us'] - kernel['p50_us']:.1f} us")

    header("E. plugins: 64 connections, two hosts, everything on one core, wrk")
    with served(2) as peer:
        row("no-op", wrk(peer, path("bench_noop"), ONE), peer)
        alone = wrk(peer, path("bench_alone"), ONE)
        row("NumPy formula, each alone", alone, peer)
        joined = wrk(peer, path("bench_joined"), ONE)
        row("NumPy formula, joined", joined, peer)
    with uvicorn("uvicorn (ASGI) + NumPy, one process", "asgi_numpy:app") as peer:
        asgi = wrk(peer, "/", ONE)
        row(peer.name, asgi, peer)
    with uvicorn("FastAPI + NumPy, tuned", "fastapi_numpy:app") as peer:
        tuned = wrk(peer, "/tuned", ONE)
        row(peer.name, tuned, peer)
    print(f"  joined: {joined['rate'] / alone['rate']:.2f} x alone")
    budget("E joined plugin calls, of uvicorn's + NumPy", joined["rate"] / asgi["rate"], 2)
    # FastWSGI + NumPy is no package of Debian; it answered 2.8 times as often as tuned FastAPI (BASELINES A).
    budget("E joined plugin calls, of FastWSGI's by way of FastAPI's", joined["rate"] / (65 / 23.4 * tuned["rate"]), 2)


def arrays():
    """16 MB in, 24 MB out."""
    n = 1_000_000
    body, headers, raw = oip_body(n)
    header(f"E. arrays: binary, {n:,} points, {len(body) / 1e6:.0f} MB in, {24 * n / 1e6:.0f} MB out; one connection")
    with served(1) as peer:
        row("a C kernel", load(peer, "/v2/models/radec_to_xyz/infer", body, headers, connections=1), peer)
        noop = load(peer, "/v2/models/bench_noop/infer", body, headers, connections=1)
        row("a plugin that does nothing", noop, peer)
        ours = load(peer, "/v2/models/bench_alone/infer", body, headers, connections=1)
        row("a plugin with the NumPy formula", ours, peer)
    with uvicorn("uvicorn (ASGI) + NumPy", "asgi_numpy:app") as peer:
        theirs = load(peer, "/raw", raw, connections=1)
        row(peer.name, theirs, peer)
    budget("E 16 MB through a plugin, of uvicorn's + NumPy", ours["rate"] / theirs["rate"], 1.0)
