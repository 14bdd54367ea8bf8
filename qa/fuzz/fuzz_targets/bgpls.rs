#![no_main]

hostile::target!("bgpls");
