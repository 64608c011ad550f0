// SPDX-License-Identifier: GPL-2.0
/*
 * Stands in for Qualcomm's C driver, which no kernel of this project can build: it has the driver's name and claims the
 * driver's device tree nodes, so that only a blacklist keeps it out.
 */
#include <linux/mod_devicetable.h>
#include <linux/module.h>

static const struct of_device_id msm_kgsl_match[] = {
	{ .compatible = "qcom,kgsl-3d0" },
	{ .compatible = "qcom,adreno" },
	{ }
};
MODULE_DEVICE_TABLE(of, msm_kgsl_match);

static int __init msm_kgsl_init(void)
{
	pr_info("msm_kgsl: the stand-in is in\n");
	return 0;
}
module_init(msm_kgsl_init);

static void __exit msm_kgsl_exit(void)
{
}
module_exit(msm_kgsl_exit);

MODULE_DESCRIPTION("Stand-in for the KGSL driver in C");
MODULE_LICENSE("GPL");
