"""Writes a site's configuration with one trusted client, its public keys, and its private key."""

import json
import sys
from pathlib import Path

from joserfc.jwk import ECKey

SITE = """
public_url = "{url}"

[[clients]]
name = "ci"
iss = "https://ci.example.org"
jwks = "keys.json"
"""


def main(site: Path, private: Path, url: str) -> None:
    """Fills the folder `site`, which the container reads, and keeps the private key outside it."""
    key = ECKey.generate_key("P-384", {"kid": "ci"}, private=True)
    (site / "site.toml").write_text(SITE.format(url=url))
    (site / "keys.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    private.write_text(json.dumps(key.as_dict(private=True)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
