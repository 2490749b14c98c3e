"""Monitoring: systemd notification, log format, health metrics, host metrics, alerts, control socket."""
