/** The only package that knows Chronicle Map, which an application need not have. */
package io.github.multiprom.store.chronicle;
