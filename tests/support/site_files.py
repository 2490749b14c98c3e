"""Site files as short as they may be."""

from __future__ import annotations

SITE = """
place: {name: Chợ Mẫu, province: Quảng Ngãi}
camera: {source: replay, replay: {path: .}}
pins: {driver: mock, green: 17, red: 27}
store: {folder: store}
"""
SYNC = """
sync:
  kind: webhook
  webhook:
    url: http://127.0.0.1:9/check-ins
    fields: [time, name]
    secret_file: keys/secret
    private_key_file: keys/private.key
"""
