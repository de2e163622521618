/* config/prices.toml as a part of the program. */
.section .rodata,"a",@progbits
.global caprock_prices
.global caprock_prices_end
caprock_prices: .incbin "prices.toml"
caprock_prices_end: .byte 0
.section .note.GNU-stack,"",@progbits
