/** Cells in a Chronicle Map. The only package that knows Chronicle. */
package io.github.multiprom.internal.chronicle;
