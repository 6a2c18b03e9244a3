#!/usr/bin/env python3
"""What we want of the manifests of Kubernetes, beyond their schemas: nothing hangs in the air, and nobody may too much."""

import pathlib
import re
import sys

import yaml

PAGE = pathlib.Path("docs/configuration.md").read_text(encoding="utf-8")
SETTINGS = set(re.findall(r"`(DOORWARD_[A-Z_]+)`", PAGE))
DEFAULTS = dict(re.findall(r"`(DOORWARD_[A-Z_]+)` \| `([^`]*)`", PAGE))
USER = 10001


def pod_template(thing):
    spec = thing.get("spec", {})
    if "jobTemplate" in spec:
        spec = spec["jobTemplate"]["spec"]
    return spec.get("template")


def restricted(pod):
    """The Pod Security Standard "restricted", and a file system that nobody can write to."""
    security = pod["securityContext"]
    yield security["runAsNonRoot"] is True and security["runAsUser"] == USER, "runs as somebody else"
    yield security["seccompProfile"]["type"] == "RuntimeDefault", "no filter of system calls"
    yield not any(pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")), "shares with the machine"
    yield pod["automountServiceAccountToken"] is False, "may ask Kubernetes"
    for volume in pod.get("volumes", []):
        yield set(volume) - {"name"} <= {"secret", "configMap", "persistentVolumeClaim", "emptyDir"}, "an unsafe volume"
    for container in pod.get("initContainers", []) + pod["containers"]:
        own = container["securityContext"]
        yield own["allowPrivilegeEscalation"] is False and own["capabilities"] == {"drop": ["ALL"]}, "may gain rights"
        yield own["readOnlyRootFilesystem"] is True and not own.get("privileged"), "may write"
        yield "memory" in container["resources"]["limits"], "memory without a limit"
        yield not container["image"].endswith(":latest") and ":" in container["image"], "an image without a version"


def mounted(pod, claims):
    volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
    for container in pod["containers"]:
        for mount in container.get("volumeMounts", []):
            yield mount["name"] in volumes or mount["name"] in claims, f"no volume {mount['name']}"
    for volume in volumes.values():
        if "secret" in volume:
            yield volume["secret"]["defaultMode"] == 0o400, f"{volume['name']} may be read by others"
            yield pod["securityContext"]["fsGroup"] == USER, "cannot read its secrets, which belong to root"


def settings(pod, maps):
    """Every setting is one, and what is a file is mounted."""
    mounts = [mount["mountPath"] for container in pod["containers"] for mount in container.get("volumeMounts", [])]
    for container in pod["containers"]:
        for source in container["envFrom"]:
            name = source["configMapRef"]["name"]
            yield name in maps, f"no ConfigMap {name}"
            for key, value in maps[name].items():
                yield key in SETTINGS, f"{key} is no setting"
                paths = [value] if value.startswith("/") else re.findall(r"=(/[^&]+)", value)
                if container["name"] != "backup":
                    for path in paths:
                        yield any(path.startswith(mount) for mount in mounts), f"{key}: {path} is not mounted"


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(s|m|ms)?", text).groups()
    return int(number) * {"m": 60, "ms": 0.001}.get(unit, 1)


def served(pod, values):
    """Of the pods that serve: probes, and time enough to stop."""
    container = pod["containers"][0]
    probes = {name: container[name + "Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    yield probes == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}, f"probes: {probes}"
    needed = sum(seconds(values.get(key, DEFAULTS.get(key, "0"))) for key in (
        "DOORWARD_SHUTDOWN_DELAY", "DOORWARD_SHUTDOWN_TIMEOUT"))
    yield pod["terminationGracePeriodSeconds"] > needed, f"is ended by force before {needed} s are over"
    starting = container["startupProbe"]["periodSeconds"] * container["startupProbe"]["failureThreshold"]
    yield starting > seconds(DEFAULTS["DOORWARD_DATABASE_START_TIMEOUT"]), "is given up before its database may come"


def selected(things):
    """Whatever selects pods, selects some, and by a name that they have."""
    pods = [pod_template(thing) for thing in things if pod_template(thing)]
    for thing in things:
        spec = thing.get("spec", {})
        wanted = {
            "Service": lambda: spec["selector"],
            "PodDisruptionBudget": lambda: spec["selector"]["matchLabels"],
            "NetworkPolicy": lambda: spec["podSelector"]["matchLabels"],
            "ServiceMonitor": lambda: None,
        }.get(thing["kind"], lambda: None)()
        if wanted is None:
            continue
        chosen = [pod for pod in pods if wanted.items() <= pod["metadata"]["labels"].items()]
        yield chosen, f"{thing['kind']} {thing['metadata']['name']} selects nothing"
        names = {port["name"] for pod in chosen for port in pod["spec"]["containers"][0].get("ports", [])}
        if thing["kind"] == "Service":
            yield len(chosen) == 1, "the Service leads to what does not serve"
            for port in spec["ports"]:
                yield port["targetPort"] in names, f"no port {port['targetPort']}"


def faults(things):
    maps = {thing["metadata"]["name"]: thing["data"] for thing in things if thing["kind"] == "ConfigMap"}
    for thing in things:
        said = f"{thing['kind']} {thing['metadata']['name']}: "
        if thing["kind"] == "Secret":
            yield said + "a secret has no place in a repository"
        if thing["kind"] not in ("Namespace",) and thing["metadata"].get("namespace") != "doorward":
            yield said + "not in the namespace"
        template = pod_template(thing)
        if not template:
            continue
        pod = template["spec"]
        claims = {claim["metadata"]["name"] for claim in thing["spec"].get("volumeClaimTemplates", [])}
        checks = [restricted(pod), mounted(pod, claims), settings(pod, maps)]
        if template["metadata"]["labels"]["app.kubernetes.io/component"] == "server":
            [source] = pod["containers"][0]["envFrom"]
            checks.append(served(pod, maps[source["configMapRef"]["name"]]))
        yield from (said + fault for check in checks for holds, fault in check if not holds)
    yield from (fault for holds, fault in selected(things) if not holds)


def main():
    wrong = []
    for name in sys.argv[1:]:
        things = list(yaml.safe_load_all(pathlib.Path(name).read_text(encoding="utf-8")))
        wrong += [f"{pathlib.Path(name).stem}: {fault}" for fault in faults(things)]
        print(f"{pathlib.Path(name).stem}: {len(things)} objects")
    print(*wrong, sep="\n", file=sys.stderr, end="\n" if wrong else "")
    return bool(wrong)


sys.exit(main())
