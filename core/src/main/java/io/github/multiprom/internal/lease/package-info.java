/** Locks on files, and who lives. */
package io.github.multiprom.internal.lease;
