#![no_main]

hostile::target!("evpn");
