/** Files of Python's client in a metrics directory, merged with what workers count. */
package io.github.multiprom.python;
