"""Measured hardware: how long a model takes on a device, what the device costs and draws, and where that is from."""

from hardware_profiles.catalogue.accuracy import AccuracyRow
from hardware_profiles.catalogue.devices import Device, device
from hardware_profiles.catalogue.facts import Fact
from hardware_profiles.catalogue.identity import (
    canonical_hardware,
    canonical_model,
    canonical_precision,
    canonical_runtime,
    known_hardware,
    known_models,
)
from hardware_profiles.catalogue.models import Model, model
from hardware_profiles.estimates import Estimate, estimate
from hardware_profiles.faults import BadInput, Fault, NotSupported
from hardware_profiles.listing import holes, search
from hardware_profiles.lookup import look_up
from hardware_profiles.measurement import Measurement
from hardware_profiles.neighbours import missing_profile_message, nearest
from hardware_profiles.profile import Profile, profile_of, profiles
from hardware_profiles.service_time import ServiceTime

__all__ = [
    "AccuracyRow",
    "BadInput",
    "Device",
    "Estimate",
    "Fact",
    "Fault",
    "Measurement",
    "Model",
    "NotSupported",
    "Profile",
    "ServiceTime",
    "canonical_hardware",
    "canonical_model",
    "canonical_precision",
    "canonical_runtime",
    "device",
    "estimate",
    "holes",
    "known_hardware",
    "known_models",
    "look_up",
    "missing_profile_message",
    "model",
    "nearest",
    "profile_of",
    "profiles",
    "search",
]
