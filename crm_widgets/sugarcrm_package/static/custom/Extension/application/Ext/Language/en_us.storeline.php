<?php

$app_strings['LBL_STORELINE_ORDERS'] = 'Order History';
$app_strings['LBL_STORELINE_ORDERS_DESCRIPTION'] = 'Orders, refunds, parcels and open carts of the store, from Storeline';
$app_strings['LBL_STORELINE_FAILED'] = 'Order history could not be opened.';
$app_strings['LBL_STORELINE_SILENT'] = 'Order history stays silent. If the frame is empty, an administrator adds this host under Admin > Content Security Policy Settings:';
