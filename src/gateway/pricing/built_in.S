/* config/prices.toml as a part of the program. */
.section .rodata,"a",@progbits
.global kCaprockPrices
.global kCaprockPricesEnd
kCaprockPrices: .incbin "prices.toml"
kCaprockPricesEnd: .byte 0
.section .note.GNU-stack,"",@progbits
