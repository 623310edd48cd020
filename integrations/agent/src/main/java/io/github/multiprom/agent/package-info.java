/**
 * What the Java agent shows to an application: its entry. The rest has a class loader of its own.
 */
package io.github.multiprom.agent;
