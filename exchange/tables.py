"""Every sub-room's tables, gathered for the migrations."""

import exchange.activities.tables
import exchange.appointments.tables
import exchange.directory.tables
import exchange.hours.tables
import exchange.membership.passkey_tables
import exchange.membership.tables
import exchange.outbox
import exchange.prescribing.care_tables
import exchange.prescribing.credit_tables
import exchange.prescribing.door_tables
import exchange.prescribing.measure_tables
import exchange.prescribing.practice_tables
import exchange.prescribing.tables

SUB_ROOMS_WITH_TABLES = (
    exchange.activities.tables,
    exchange.appointments.tables,
    exchange.directory.tables,
    exchange.hours.tables,
    exchange.membership.passkey_tables,
    exchange.membership.tables,
    exchange.outbox,
    exchange.prescribing.care_tables,
    exchange.prescribing.credit_tables,
    exchange.prescribing.door_tables,
    exchange.prescribing.measure_tables,
    exchange.prescribing.practice_tables,
    exchange.prescribing.tables,
)
