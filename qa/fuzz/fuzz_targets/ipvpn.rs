#![no_main]

hostile::target!("ipvpn");
