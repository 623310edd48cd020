/**
 * What the agent adds to the simpleclient of an application: classes that are defined in the class
 * loader of that simpleclient, of whatever version. They speak with the agent in types of the JDK
 * alone.
 */
package io.prometheus.client;
