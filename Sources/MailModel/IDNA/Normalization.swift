// The standard library normalises every string it compares, but shows the result only under this SPI; Foundation's
// `precomposedStringWithCanonicalMapping` is in full Foundation only.
@_spi(_Unicode) import Swift

/// The text in Unicode normalisation form C.
func normalized(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    scalars.append(contentsOf: text._nfc)
    return String(scalars)
}
