/* What a Pi's firmware tells of its power, where the kernel of a Pi shows it: soc:firmware/get_throttled, which vcgencmd asks
   too, and the voltage monitor rpi_volt. Both say what was written to this module's parameters. */
#include <linux/hwmon.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static uint throttled;
module_param(throttled, uint, 0644);
static uint alarm;
module_param(alarm, uint, 0644);

static ssize_t get_throttled_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%x\n", throttled);
}
static DEVICE_ATTR_RO(get_throttled);

static umode_t visible(const void *data, enum hwmon_sensor_types type, u32 attr, int channel)
{
	return 0444;
}

static int read_alarm(struct device *dev, enum hwmon_sensor_types type, u32 attr, int channel, long *value)
{
	*value = alarm;
	return 0;
}

static const struct hwmon_channel_info *const channels[] = { HWMON_CHANNEL_INFO(in, HWMON_I_LCRIT_ALARM), NULL };
static const struct hwmon_ops ops = { .is_visible = visible, .read = read_alarm };
static const struct hwmon_chip_info chip = { .ops = &ops, .info = channels };
static struct platform_device *soc, *firmware;

static int __init begin(void)
{
	struct platform_device_info about = { .name = "soc:firmware", .id = PLATFORM_DEVID_NONE };
	struct device *monitor;

	soc = platform_device_register_simple("soc", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(soc))
		return PTR_ERR(soc);
	about.parent = &soc->dev;
	firmware = platform_device_register_full(&about);
	if (IS_ERR(firmware)) {
		platform_device_unregister(soc);
		return PTR_ERR(firmware);
	}
	monitor = devm_hwmon_device_register_with_info(&firmware->dev, "rpi_volt", NULL, &chip, NULL);
	if (IS_ERR(monitor))
		return PTR_ERR(monitor);
	return device_create_file(&firmware->dev, &dev_attr_get_throttled);
}
module_init(begin);

MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("stands in for the firmware of a Raspberry Pi");
