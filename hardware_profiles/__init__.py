"""Measured hardware: how long a model takes on a device, what the device costs and draws, and where that is from."""

from hardware_profiles.accuracy import AccuracyRow
from hardware_profiles.devices import Device, Fact, device
from hardware_profiles.faults import BadInput, Fault, NotSupported
from hardware_profiles.identity import (
    canonical_hardware,
    canonical_model,
    canonical_precision,
    known_hardware,
    known_models,
)
from hardware_profiles.listing import holes, search
from hardware_profiles.neighbours import missing_profile_message, nearest
from hardware_profiles.profile import Profile, profiles
from hardware_profiles.service_time import ServiceTime

__all__ = [
    "AccuracyRow",
    "BadInput",
    "Device",
    "Fact",
    "Fault",
    "NotSupported",
    "Profile",
    "ServiceTime",
    "canonical_hardware",
    "canonical_model",
    "canonical_precision",
    "device",
    "holes",
    "known_hardware",
    "known_models",
    "missing_profile_message",
    "nearest",
    "profiles",
    "search",
]
