"""What starts runs by itself: the factories of `sensors` given this platform's jobs, counties and services.

Each schedule and sensor says in its description what it does and why it is running or stopped by default.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import dagster as dg

from realestate_assets.automation import automation_sensor
from realestate_assets.checks.freshness import ASSET, check_name, is_fetched
from realestate_assets.checks.rules import partitions_json
from realestate_assets.domain.due import due_partitions, without_model
from realestate_assets.domain.landing_watch import LandedFile
from realestate_assets.domain.ranges import Partition
from realestate_assets.freshness import POLICIES
from realestate_assets.landing.area import watch
from realestate_assets.landing.watch import Cursor, Looked
from realestate_assets.partitions import all_months, counties
from realestate_assets.settings import get_settings
from resources.store import StoreResource
from resources.warehouse import WarehouseResource
from sensors.requests import Grid, partition_keys
from sensors.schedules import Due, Timing, build_partition_schedule, build_plain_schedule
