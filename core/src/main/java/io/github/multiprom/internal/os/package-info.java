/** What the operating system gives: users, processes, threads, descriptors, and the log. */
package io.github.multiprom.internal.os;
