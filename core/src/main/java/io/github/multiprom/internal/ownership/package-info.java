/** Names, owners and permissions of the files in a metrics directory. */
package io.github.multiprom.internal.ownership;
