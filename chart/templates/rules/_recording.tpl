{{/*
Recording rules, level:metric:operation; the window is rules.window and not part of the name.
Levels: `model` = (entry, namespace, served model), `pod` = a pod of it, `engine` = an engine of a
pod, `gpu`, `entry` = models[], `collector` = a pod of it, `release`. Functions of Prometheus 2.42.

The level is in the labels: a quantile, a median or a mean has its own value at each level and is
never taken of another's. Each group of _groups.tpl has a template of its own.
*/}}
