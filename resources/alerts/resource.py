"""Alerts as a resource of Dagster's; what it does stands in `alerts`, which needs no Dagster."""

import dagster as dg

from resources.alerts.alerts import Alerts
from resources.warehouse.resource import WarehouseResource


class AlertsResource(Alerts, dg.ConfigurableResource):
    """Tells people through the channels of ALERT_URLS and ALERT_ROUTES; does nothing where both are empty."""

    warehouse: dg.ResourceDependency[WarehouseResource]
