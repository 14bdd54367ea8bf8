#![no_main]

hostile::target!("mvpn");
