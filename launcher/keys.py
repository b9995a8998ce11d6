"""The checkout's own secrets, made once and kept in `.hat/secrets.json` for its owner's eyes only."""

import base64
import binascii
import json
import secrets
from dataclasses import asdict, dataclass

from launcher.checkout import Checkout, write_private
from launcher.problems import Problem


@dataclass(frozen=True)
class Keys:
    """What Django and Valkey of this checkout are given. The last two are 32 bytes in base64."""

    secret_key: str
    pin_pepper: str
    valkey_password: str
    field_key: str
    checkpoint_key: str


def make_keys() -> Keys:
    return Keys(
        secret_key=secrets.token_urlsafe(60),
        pin_pepper=secrets.token_urlsafe(32),
        valkey_password=secrets.token_urlsafe(32),
        field_key=_random_key(),
        checkpoint_key=_random_key(),
    )


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def load_keys(checkout: Checkout) -> Keys:
    """Read the keys, making them the first time; keys that are gone or broken are never replaced silently."""
    path = checkout.state / "secrets.json"
    advice = "put the file back from a copy, or start afresh with ./hat reset (that deletes the demo's data)"
    if not path.exists():
        if any(checkout.state.glob("pg[0-9]*")):
            raise Problem(f"{path} is gone, and the data here can only be read with its keys: {advice}.")
        keys = make_keys()
        write_private(path, json.dumps(asdict(keys), indent=1))
        return keys
    try:
        path.chmod(0o600)
        kept = json.loads(path.read_text())
        if isinstance(kept, dict) and "checkpoint_key" not in kept:
            # A folder made before registers had checkpoints: nothing was ever signed in it.
            kept["checkpoint_key"] = _random_key()
            write_private(path, json.dumps(kept, indent=1))
        keys = Keys(**kept)
        if not all(isinstance(value, str) and len(value) >= 32 for value in asdict(keys).values()):
            raise ValueError("a key is too short")
        for key in (keys.field_key, keys.checkpoint_key):
            if len(base64.b64decode(key, validate=True)) != 32:
                raise ValueError("a key is not 32 bytes")
    except (ValueError, TypeError, binascii.Error) as error:
        raise Problem(f"{path} is damaged: {advice}.") from error
    return keys
