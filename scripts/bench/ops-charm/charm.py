#!/usr/bin/env python3
"""The work of the two measured hooks, written for Python ops as its documentation does."""

import logging
import re

import ops

logger = logging.getLogger(__name__)


class MeasuredCharm(ops.CharmBase):
    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        if "guests" in self.meta.relations:
            framework.observe(self.on["guests"].relation_changed, self._on_guest)
        else:
            framework.observe(self.on.update_status, self._on_update_status)

    def _on_update_status(self, _: ops.UpdateStatusEvent):
        profile = self.config["profile"]
        if profile not in ("production", "testing"):
            logger.warning("option profile must be production or testing")
            status = ops.BlockedStatus("Option profile: must be production or testing")
            self.unit.status = status
            if self.unit.is_leader():
                self.app.status = status

    def _on_guest(self, _: ops.RelationChangedEvent):
        count = 0
        for relation in self.model.relations["guests"]:
            names = []
            for unit in relation.units:
                name = relation.data[unit].get("name", "")
                if re.fullmatch(r"[\w ]{1,40}", name):
                    names.append(name)
            count += len(names)
            if self.unit.is_leader():
                greeting = f"{self.config['salutation']} {' and '.join(names)}"
                relation.data[self.app]["greeting"] = greeting
        self.unit.status = ops.ActiveStatus(f"guests: {count}")


if __name__ == "__main__":
    ops.main(MeasuredCharm)
